// The one main() of every test binary. The headers of others stand in a precompiled header (CMakeLists.txt);
// ours never do, so that a change to one of them compiles what includes it and no more.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
