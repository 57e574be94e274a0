#include "libs/store/metrics.h"

namespace haven::store {
namespace {

class Nothing final : public StoreMetrics {
 public:
  void Add(std::string_view, std::string_view, double) override {}
  void Observe(std::string_view, std::string_view, double) override {}
  void Set(std::string_view, std::string_view, double) override {}
  void Note(std::string_view, std::string_view) override {}
};

}  // namespace

StoreMetrics& NoMetrics() {
  static Nothing nothing;
  return nothing;
}

}  // namespace haven::store
