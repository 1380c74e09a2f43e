// The one compilation that makes the precompiled header; main.cpp cannot, it defines Catch2's own main.
#include "support/catch.h"
