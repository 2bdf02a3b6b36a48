// The umbrella and nothing else.
#include <fredholm/fredholm.hpp>

int main() {}
