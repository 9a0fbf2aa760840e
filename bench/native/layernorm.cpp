#include "trees.h"

struct Arguments {
    float *y;
    const float *x, *gain, *bias;
    u32 columns;
    float epsilon;
    u32 rows;
};

// The columns are a multiple of 256.
extern "C" void run(const Arguments *arguments) {
    auto [y, x, gain, bias, columns, epsilon, rows] = *arguments;
    for (u32 row = 0; row < rows; row++, x += columns, y += columns) {
        float parts[Threads] = {};
        for (u32 i = 0; i < columns; i += Threads)
            for (u32 t = 0; t < Threads; t++) parts[t] += x[i + t];
        float mean = sum(parts) / columns;

        for (float &part : parts) part = 0;
        for (u32 i = 0; i < columns; i += Threads)
            for (u32 t = 0; t < Threads; t++) {
                float apart = x[i + t] - mean;
                parts[t] = __builtin_fmaf(apart, apart, parts[t]);
            }
        float scale = 1.0f / __builtin_sqrtf(sum(parts) / columns + epsilon);
        for (u32 i = 0; i < columns; i++) y[i] = __builtin_fmaf((x[i] - mean) * scale, gain[i], bias[i]);
    }
}
