#include "lanes.h"

struct Body {
    float x, y, z, mass;
};

struct Arguments {
    Body *moved, *velocities;
    const Body *bodies;
    u32 n;
    float step, softening;
};

// A vector of bodies against each one. n is a multiple of the lanes.
extern "C" void run(const Arguments *arguments) {
    auto [moved, velocities, bodies, n, step, softening] = *arguments;
    for (u32 i = 0; i < n; i += Lanes) {
        vf x, y, z, ax = {}, ay = {}, az = {};
        for (u32 l = 0; l < Lanes; l++) x[l] = bodies[i + l].x, y[l] = bodies[i + l].y, z[l] = bodies[i + l].z;
        for (u32 j = 0; j < n; j++) {
            Body other = bodies[j];
            vf dx = other.x - x, dy = other.y - y, dz = other.z - z;
            vf square = fma(dx, dx, fma(dy, dy, fma(dz, dz, vf{} + softening)));
            vf inverse = 1.0f / __builtin_elementwise_sqrt(square);
            vf pull = other.mass * inverse * inverse * inverse;
            ax = fma(dx, pull, ax), ay = fma(dy, pull, ay), az = fma(dz, pull, az);
        }
        for (u32 l = 0; l < Lanes; l++) {
            Body body = bodies[i + l], &velocity = velocities[i + l];
            velocity.x = __builtin_fmaf(ax[l], step, velocity.x), velocity.y = __builtin_fmaf(ay[l], step, velocity.y);
            velocity.z = __builtin_fmaf(az[l], step, velocity.z);
            moved[i + l] = {__builtin_fmaf(velocity.x, step, body.x), __builtin_fmaf(velocity.y, step, body.y),
                            __builtin_fmaf(velocity.z, step, body.z), body.mass};
        }
    }
}
