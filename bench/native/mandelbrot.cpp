#include "lanes.h"

struct Arguments {
    u32 *iterations;
    u32 width, height;
    float left, top, step;
    u32 limit;
};

// A vector of pixels goes on until the last of them is out. The width is a multiple of the lanes.
extern "C" void run(const Arguments *arguments) {
    auto [iterations, width, height, left, top, step, limit] = *arguments;
    vf lane;
    for (u32 i = 0; i < Lanes; i++) lane[i] = (float)i;
    for (u32 row = 0; row < height; row++) {
        vf cy = vf{} + __builtin_fmaf(-(float)row, step, top);
        for (u32 column = 0; column < width; column += Lanes) {
            vf cx = fma(lane + (float)column, vf{} + step, vf{} + left), x = {}, y = {};
            vi count = {}, inside = ~vi{};
            for (u32 i = 0; i < limit; i++) {
                vf square = y * y;
                inside &= fma(x, x, square) <= 4.0f;
                if (!any(inside)) break;
                count -= inside;
                vf next = fma(x, x, -square) + cx;
                y = fma(x + x, y, cy);
                x = next;
            }
            store(iterations + row * width + column, count);
        }
    }
}
