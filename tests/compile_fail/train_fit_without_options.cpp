// EXPECT: the options come before the optimizer
#include <vector>

#include <fredholm/train.hpp>

using namespace fredholm;

struct Line {
  Parameter<double> slope{Array<double>(Shape{1})};
};

int main() {
  Line model;
  const auto loss = [](const auto& net, const auto& u, const auto& v) {
    return mean_squared_error(net.slope() * u, v);
  };
  std::vector<Batch<Array<double>, Array<double>>> batches;
#ifdef FREDHOLM_CONTROL
  fit(model, loss, batches, {.epochs = 1}, Adam(model));
#else
  fit(model, loss, batches, Adam(model));
#endif
}
