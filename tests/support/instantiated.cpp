#define FREDHOLM_KEYWORD
#include "instantiated.hpp"
