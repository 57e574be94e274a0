#include "libs/rpc/access.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"

namespace haven::rpc {
namespace {

namespace v1 = options::v1;

// "AUDIENCE_INTERNAL" -> "internal".
std::string ShortName(const std::string& name, const char* prefix) {
  return absl::AsciiStrToLower(name.substr(std::string_view(prefix).size()));
}

bool StaffMayCall(const Access& access, const Identity& identity) {
  if (access.roles_size() == 0) return true;
  return std::any_of(access.roles().begin(), access.roles().end(),
                     [&](int role) { return identity.HasRole(static_cast<Role>(role)); });
}

std::string AudienceCell(const Access& access) {
  std::vector<std::string> names;
  for (const int audience : access.audiences()) {
    names.push_back(ShortName(v1::Audience_Name(static_cast<Audience>(audience)), "AUDIENCE_"));
  }
  return absl::StrJoin(names, ", ");
}

std::string RoleCell(const Access& access) {
  if (!Admits(access, v1::AUDIENCE_STAFF)) return "";
  if (access.roles_size() == 0) return "any";
  std::vector<std::string> names;
  for (const int role : access.roles()) names.push_back(ShortName(v1::Role_Name(static_cast<Role>(role)), "ROLE_"));
  return absl::StrJoin(names, ", ");
}

void AppendRows(const google::protobuf::ServiceDescriptor& service, std::string* out) {
  for (int m = 0; m < service.method_count(); ++m) {
    const auto& method = *service.method(m);
    const Access* access = AccessOf(method);
    absl::StrAppend(out, "| ", service.full_name(), "/", method.name(), method.server_streaming() ? " (stream)" : "",
                    " | ");
    if (access == nullptr) {
      absl::StrAppend(out, "MISSING | | |\n");
    } else {
      absl::StrAppend(out, AudienceCell(*access), " | ", RoleCell(*access), " | ", access->scope(), " |\n");
    }
  }
}

}  // namespace

const Access* AccessOf(const google::protobuf::MethodDescriptor& method) {
  if (!method.options().HasExtension(v1::access)) return nullptr;
  const Access& access = method.options().GetExtension(v1::access);
  if (access.audiences_size() == 0 || Admits(access, v1::AUDIENCE_UNSPECIFIED)) return nullptr;
  return &access;
}

bool Admits(const Access& access, Audience audience) {
  return std::find(access.audiences().begin(), access.audiences().end(), audience) != access.audiences().end();
}

absl::Status CheckAccess(const Access& access, const Identity& identity) {
  if (Admits(access, v1::AUDIENCE_ANYBODY)) return absl::OkStatus();
  bool admitted = false;
  switch (identity.kind) {
    case IdentityKind::kAnybody:
      return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED, "sign in first");
    case IdentityKind::kService:
      admitted = Admits(access, v1::AUDIENCE_INTERNAL);
      break;
    case IdentityKind::kIntegrator:
      admitted =
          Admits(access, v1::AUDIENCE_INTEGRATOR) && (access.scope().empty() || identity.HasScope(access.scope()));
      break;
    case IdentityKind::kStaff:
      admitted = Admits(access, v1::AUDIENCE_STAFF) && StaffMayCall(access, identity);
      break;
    case IdentityKind::kVisitor:
      admitted = Admits(access, v1::AUDIENCE_VISITOR);
      break;
  }
  if (admitted) return absl::OkStatus();
  return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                         "the caller may not use this method");
}

std::string AccessTable(std::vector<std::string> services) {
  std::sort(services.begin(), services.end());
  std::string out =
      "| method | audiences | roles (staff) | scope (integrator) |\n"
      "|---|---|---|---|\n";
  for (const auto& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service != nullptr) AppendRows(*service, &out);
  }
  return out;
}

}  // namespace haven::rpc
