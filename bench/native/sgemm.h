// A matrix product with explicit vectors: plain loops are not vectorised well. Each element is one chain of fma over k, as in the kernels.
#pragma once
#include "lanes.h"

struct Arguments {
    float *c;
    const float *a, *b;
    u32 m, n, k;
};

// m is a multiple of 8, n of 32.
static void sgemm(const Arguments &arguments) {
    constexpr u32 Rows = 8, Vectors = 2, Columns = Vectors * Lanes;
    auto [c, a, b, m, n, k] = arguments;
    float *panel = new float[k * Columns];
    for (u32 column = 0; column < n; column += Columns) {
        for (u32 i = 0; i < k; i++) __builtin_memcpy(panel + i * Columns, b + i * n + column, Columns * sizeof(float));
        for (u32 row = 0; row < m; row += Rows) {
            vf sums[Rows][Vectors] = {};
            for (u32 i = 0; i < k; i++) {
                for (u32 v = 0; v < Vectors; v++) {
                    vf right = load<vf>(panel + i * Columns + v * Lanes);
                    for (u32 r = 0; r < Rows; r++) sums[r][v] = fma(vf{} + a[(row + r) * k + i], right, sums[r][v]);
                }
            }
            for (u32 r = 0; r < Rows; r++)
                for (u32 v = 0; v < Vectors; v++) store(c + (row + r) * n + column + v * Lanes, sums[r][v]);
        }
    }
    delete[] panel;
}
