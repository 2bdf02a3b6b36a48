// --quick, for a CLI::App.
//
//   add_quick(app, options.quick, [&] { options.train = 8, options.epochs = 1; });
//
// An option given beside it holds, whether it comes before or after: CLI11 sets options when it has read them all,
// and this one at once.
#pragma once

#include <functional>
#include <utility>

namespace support {

template <class App>
void add_quick(App& app, bool& quick, std::function<void()> make_small) {
  app.add_flag_callback(
         "--quick",
         [&quick, make_small = std::move(make_small)] {
           quick = true;
           make_small();
         },
         "a small run that only shows that everything works, in a folder quick of its own; options beside it hold")
      ->trigger_on_parse();
}

}  // namespace support
