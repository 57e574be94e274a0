// As precompiled.h, for tests.
#pragma once
#include <catch2/catch.hpp>

#include "cmake/precompiled.h"
