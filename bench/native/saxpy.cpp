#include "lanes.h"

struct Arguments {
    float *y;
    const float *x;
    u32 n;
    float a;
};

extern "C" void run(const Arguments *arguments) {
    auto [y, x, n, a] = *arguments;
    for (u32 i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}
