#!/usr/bin/env bash
# Makes sample/sample.mp4 (the clip that `npm start` broadcasts) and sample/sample.webp (its picture on Home).
# Everything in them is computed here: no footage, no recording, no one's rights (sample/README.md).
# Needs ffmpeg with libx264, libopus, libwebp and drawtext, and a font: apt-get install ffmpeg fonts-dejavu-core
set -euo pipefail
cd "$(dirname "$0")/.."

readonly font=${FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf}
readonly seconds=24
readonly max_bytes=2000000
readonly max_picture_bytes=24576

command -v ffmpeg >/dev/null || { echo 'ffmpeg is missing: apt-get install ffmpeg' >&2; exit 1; }
[[ -f $font ]] || { echo "No font at $font: apt-get install fonts-dejavu-core, or set FONT" >&2; exit 1; }

# A slow arpeggio over four chords (C, Am, F, G), twelve seconds round, twice: silent at the seam, so that it loops.
notes=(
  261.63 329.63 392.00 523.25 392.00 329.63
  220.00 261.63 329.63 440.00 329.63 261.63
  174.61 220.00 261.63 349.23 261.63 220.00
  196.00 246.94 293.66 392.00 293.66 246.94
)
pitch=${notes[-1]}
for ((index = ${#notes[@]} - 2; index >= 0; index--)); do
  pitch="if(lt(ld(0),$((index + 1))),${notes[index]},$pitch)"
done
# 0: which note of the round. 1: seconds since it was struck. 2: its pitch.
pluck="st(0,floor(mod(t,12)*2)); st(1,mod(t,0.5)); st(2,$pitch);"
pluck+='min(1,ld(1)/0.008)*min(1,(0.5-ld(1))/0.02)*exp(-3.2*ld(1))'
pluck+='*(0.30*sin(2*PI*ld(2)*t)+0.10*sin(4*PI*ld(2)*t)+0.04*sin(6*PI*ld(2)*t))'
bass='0.10*pow(sin(PI*mod(t,3)/3),2)*sin(2*PI*t*'
bass+='if(lt(mod(t,12),3),65.41,if(lt(mod(t,12),6),55.00,if(lt(mod(t,12),9),87.31,98.00))))'
readonly sound="$pluck+$bass"

# Three discs circle over a slowly turning gradient; the time code counts hours, minutes, seconds and ms of the clip.
disc() { # colour, diameter
  local half=$(($2 / 2))
  echo "color=c=$1:s=$2x$2:r=30:d=$seconds,format=yuva420p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)'`
    `:a='clip(($half-hypot(X-$half,Y-$half))*128,0,255)',loop=loop=-1:size=1,trim=duration=$seconds"
}
text="drawtext=fontfile=$font:fontcolor=white:borderw=3:bordercolor=black@0.6"
picture="gradients=s=1280x720:r=30:d=$seconds:n=3:c0=0x10233f:c1=0x1f5f6b:c2=0x3b2a5c:speed=0.008:seed=7[sky];"
picture+="$(disc 0xf2b632 150)[sun];$(disc 0xe4572e 110)[red];$(disc 0x76b041 80)[green];"
picture+="[sky][sun]overlay=x='W/2-w/2+420*sin(2*PI*t/8)':y='H/2-h/2+200*cos(2*PI*t/8)':shortest=1[a];"
picture+="[a][red]overlay=x='W/2-w/2+320*sin(2*PI*t/6+2)':y='H/2-h/2+230*cos(2*PI*t/6+2)':shortest=1[b];"
picture+="[b][green]overlay=x='W/2-w/2+220*cos(2*PI*t/4)':y='H/2-h/2+150*sin(2*PI*t/4)':shortest=1,"
picture+="$text:fontsize=104:text='%{pts\\:hms}':x=(w-text_w)/2:y=(h-text_h)/2,"
picture+="$text:fontsize=34:text='vilokanam sample channel':x=(w-text_w)/2:y=h-90,format=yuv420p"

quiet=(-hide_banner -loglevel error -nostdin -y)
ffmpeg "${quiet[@]}" -f lavfi -i "$picture" -f lavfi -i "aevalsrc=exprs='$sound|$sound':s=48000:d=$seconds" \
  -c:v libx264 -profile:v baseline -level 3.1 -refs 3 -preset veryslow -tune animation -b:v 500k -maxrate 560k -bufsize 560k \
  -g 30 -keyint_min 30 -sc_threshold 0 -bf 0 -threads 1 \
  -c:a libopus -b:a 64k -ac 2 -shortest \
  -movflags +faststart -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 \
  -metadata title='Vilokanam sample channel (CC0)' sample/sample.mp4
ffmpeg "${quiet[@]}" -ss 3 -i sample/sample.mp4 -frames:v 1 -vf scale=480:-2 -c:v libwebp -quality 60 sample/sample.webp

check() { # file, most bytes
  local bytes
  bytes=$(stat -c %s "$1")
  ((bytes <= $2)) || { echo "$1 has $bytes bytes, more than $2" >&2; exit 1; }
  echo "$1: $bytes bytes"
}
check sample/sample.mp4 $max_bytes
check sample/sample.webp $max_picture_bytes
