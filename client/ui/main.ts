import { AppContext } from './app-context.ts'
import { parseRoute } from './route.ts'
import { VkApp } from './vk-app.ts'

const context = new AppContext()
// A viewer's way to the first picture is all network: start it before anything is drawn.
if (parseRoute(location.hash).page === 'watch' && isSecureContext) context.engine().catch(() => undefined)

customElements.define('vk-app', VkApp)
document.body.append(new VkApp(context))
