#include "services/haven/modules.h"

#include "services/channels/wire.h"
#include "services/desk/wire.h"
#include "services/directory/wire.h"
#include "services/ivr/wire.h"
#include "services/routing/wire.h"

namespace haven {

std::vector<std::unique_ptr<ServiceModule>> AllModules() {
  std::vector<std::unique_ptr<ServiceModule>> out;
  out.push_back(directory::NewDirectoryModule());
  out.push_back(channels::NewChannelsModule());
  out.push_back(ivr::NewIvrModule());
  out.push_back(routing::NewRoutingModule());
  out.push_back(desk::NewDeskModule());
  return out;
}

}  // namespace haven
