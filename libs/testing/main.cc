#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

// tests/run counts test cases over all binaries: each finished case adds a line to the file that HAVEN_TEST_CASES
// names.
class CaseLog : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testRunStarting(const Catch::TestRunInfo& info) override { binary_ = info.name; }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const char* path = std::getenv("HAVEN_TEST_CASES");  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    if (path == nullptr) {
      return;
    }
    // One write of one line: binaries run side by side append to the same file.
    std::string line = stats.totals.testCases.failed > 0 ? "fail " : "pass ";
    line += binary_ + ": " + stats.testInfo.name + "\n";
    std::ofstream(path, std::ios::app) << line << std::flush;
  }

 private:
  std::string binary_;
};
CATCH_REGISTER_LISTENER(CaseLog)
