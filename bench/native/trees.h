// The order in which a block of the kernels adds up.
#pragma once
#include "lanes.h"

constexpr u32 Threads = 256;

static inline float sum(float (&parts)[Threads]) {
    for (u32 half = Threads / 2; half > 0; half /= 2)
        for (u32 t = 0; t < half; t++) parts[t] += parts[t + half];
    return parts[0];
}
