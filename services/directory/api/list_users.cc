#include <algorithm>

#include "libs/core/error.h"
#include "services/directory/api/directory_api.h"

namespace haven::directory {
namespace {

bool Matches(const UserRecord& user, const v1::ListUsersRequest& request) {
  if (user.absent) return false;
  const v1::UserSpec& spec = user.spec;
  if (!request.team().empty() && std::count(spec.teams().begin(), spec.teams().end(), request.team()) == 0)
    return false;
  return spec.username().starts_with(request.prefix()) || spec.display_name().starts_with(request.prefix());
}

}  // namespace

// The token is the last user name of the page before: stable while users come and go.
async::Task<absl::StatusOr<v1::ListUsersResponse>> DirectoryApi::ListUsers(rpc::CallPtr call,
                                                                           v1::ListUsersRequest request) {
  constexpr int kDefaultPage = 100;
  constexpr int kLargestPage = 500;
  if (request.page_size() < 0 || request.page_size() > kLargestPage)
    co_return core::InvalidField("pageSize", "must be 0 to 500");
  const int size = request.page_size() == 0 ? kDefaultPage : request.page_size();
  auto configuration = co_await service_.configurations.Current(call->deadline());
  if (!configuration.ok()) co_return configuration.status();
  v1::ListUsersResponse response;
  for (const UserRecord& user : (*configuration)->users) {
    if (user.spec.username() <= request.page_token() || !Matches(user, request)) continue;
    if (response.users_size() == size) {
      response.set_next_page_token(response.users(size - 1).username());
      break;
    }
    *response.add_users() = UserOf(user);
  }
  co_return response;
}

}  // namespace haven::directory
