#include "../../kernels/include/exact_math.cuh"
#include "lanes.h"
#include "trees.h"

struct Arguments {
    float *y;
    const float *x;
    u32 columns, rows;
};

// The columns are a multiple of 256.
extern "C" void run(const Arguments *arguments) {
    auto [y, x, columns, rows] = *arguments;
    for (u32 row = 0; row < rows; row++, x += columns, y += columns) {
        float parts[Threads];
        for (float &part : parts) part = -__builtin_inff();
        for (u32 i = 0; i < columns; i += Threads)
            for (u32 t = 0; t < Threads; t++) parts[t] = parts[t] < x[i + t] ? x[i + t] : parts[t];
        for (u32 half = Threads / 2; half > 0; half /= 2)
            for (u32 t = 0; t < half; t++) parts[t] = parts[t] < parts[t + half] ? parts[t + half] : parts[t];
        float most = parts[0];

        for (float &part : parts) part = 0;
        for (u32 i = 0; i < columns; i += Threads)
            for (u32 t = 0; t < Threads; t++) {
                float e = exact::exp(x[i + t] - most);
                y[i + t] = e;
                parts[t] += e;
            }
        float scale = 1.0f / sum(parts);
        for (u32 i = 0; i < columns; i++) y[i] *= scale;
    }
}
