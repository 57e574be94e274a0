#include "services/desk/config.h"

namespace haven::desk {

void DeskConfig::Bind(core::ConfigSection& s) {
  s.Text("address", &address,
         "IP address to listen on. Browsers give microphone and secure cookies only to https or localhost: put an "
         "ingress with TLS in front of any other.");
  s.Int("port", &port, {0, 65535}, "Port of the desk; 0 takes a free one.");
  s.Int("chat_port", &chat_port, {0, 65535},
        "Port of the chat page: an origin of its own, since strangers write there. 0 takes a free one.");
  s.Text("web_dir", &web_dir,
         "Folder with the built pages (desk and chat beneath it); empty runs without pages, for integrators alone.");
  s.List("trusted_proxies", &trusted_proxies, "Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8.");
  s.Int("max_body_bytes", &max_body_bytes, {1024, 64 * 1024 * 1024},
        "Largest request body; a larger one is answered 413.");
  s.Int("max_connections", &max_connections, {16, 100'000}, "Connections at once; more are answered 503.");
  s.Int("max_connections_per_address", &max_connections_per_address, {4, 100'000},
        "Connections at once from one address.");
  s.Double("anonymous_per_second", &anonymous_per_second, {0.1, 100'000},
           "Calls a second of one address without sign-in; more are answered 429.");
  s.Double("anonymous_burst", &anonymous_burst, {1, 1'000'000},
           "Calls of one address without sign-in that may come at once.");
}

}  // namespace haven::desk
