// Mirrored spheres on a checkered floor, under a sun with soft shadows: one thread a pixel.
// Only operations that IEEE 754 rounds one way, so every device draws the same bytes.
#include <cuda_runtime.h>

struct Sphere {
    float4 ball;   // centre, radius
    float4 finish; // red, green, blue, reflectivity
};

struct Scene {
    const Sphere *spheres;
    unsigned count;
};

struct Hit {
    float distance; // negative: nothing but sky
    int sphere;     // negative: the floor
};

constexpr int Bounces = 3;
constexpr float Far = 1e6f; // beyond it the floor is the horizon
constexpr float Lift = 1e-3f; // a ray starts this far above its surface, or it would hit it

static __device__ float3 operator+(float3 a, float3 b) { return make_float3(a.x + b.x, a.y + b.y, a.z + b.z); }
static __device__ float3 operator-(float3 a, float3 b) { return make_float3(a.x - b.x, a.y - b.y, a.z - b.z); }
static __device__ float3 operator*(float3 a, float3 b) { return make_float3(a.x * b.x, a.y * b.y, a.z * b.z); }
static __device__ float3 operator*(float3 a, float s) { return make_float3(a.x * s, a.y * s, a.z * s); }
static __device__ float dot(float3 a, float3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static __device__ float3 normalize(float3 a) { return a * (1.0f / sqrtf(dot(a, a))); }
static __device__ float3 mix(float3 a, float3 b, float t) { return a + (b - a) * t; }
static __device__ float clamp01(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }
static __device__ float3 xyz(float4 v) { return make_float3(v.x, v.y, v.z); }

static __device__ float3 sun() { return make_float3(-0.48f, 0.64f, -0.6f); }
static __device__ float3 horizon() { return make_float3(0.50f, 0.58f, 0.70f); }

static __device__ float3 sky(float3 direction) {
    float below = 1.0f - clamp01(direction.y);
    float3 colour = mix(make_float3(0.03f, 0.12f, 0.38f), horizon(), below * below * below);
    float glow = fmaxf(dot(direction, sun()), 0.0f);
    for (int i = 0; i < 5; i++) glow *= glow;
    float haze = glow;
    for (int i = 0; i < 5; i++) glow *= glow;
    return colour + make_float3(1.0f, 0.85f, 0.6f) * (0.35f * haze + 24.0f * glow);
}

static __device__ Hit closest(Scene scene, float3 origin, float3 direction) {
    float nearest = direction.y < 0.0f ? -origin.y / direction.y : Far;
    int sphere = -1;
    for (unsigned i = 0; i < scene.count; i++) {
        float4 ball = scene.spheres[i].ball;
        float3 toward = xyz(ball) - origin;
        float along = dot(toward, direction);
        float3 aside = toward - direction * along;
        float depth = ball.w * ball.w - dot(aside, aside);
        if (depth <= 0.0f || along <= 0.0f) continue;
        float distance = along - sqrtf(depth);
        if (distance > 0.0f && distance < nearest) {
            nearest = distance;
            sphere = (int)i;
        }
    }
    return {nearest < Far ? nearest : -1.0f, sphere};
}

// The light that falls on a point past the spheres. The sun's disc fades over a band that widens with the distance to what
// hides it; of the sky each sphere takes the part that it appears to cover, unless all of the sky counts as open.
static __device__ float3 illumination(Scene scene, float3 point, float3 normal, bool open) {
    float sunlight = fmaxf(dot(normal, sun()), 0.0f), skylight = 0.5f + 0.5f * normal.y;
    for (unsigned i = 0; i < scene.count; i++) {
        float4 ball = scene.spheres[i].ball;
        float3 toward = xyz(ball) - point;
        float square = dot(toward, toward);
        float along = dot(toward, sun());
        float band = 0.07f * along, reach = ball.w + band;
        float apart = square - along * along;
        if (along > 0.0f && apart < reach * reach) {
            float part = clamp01((sqrtf(fmaxf(apart, 0.0f)) - ball.w) / (2.0f * band) + 0.5f);
            sunlight *= part * part * (3.0f - 2.0f * part);
        }
        float facing = dot(toward, normal);
        if (!open && facing > 0.0f) skylight *= 1.0f - clamp01(facing * ball.w * ball.w / (square * sqrtf(square)));
    }
    return make_float3(1.5f, 1.34f, 1.1f) * sunlight + make_float3(0.22f, 0.28f, 0.38f) * skylight
         + make_float3(0.11f, 0.10f, 0.09f) * (0.5f - 0.5f * normal.y);
}

static __device__ float3 checker(float3 point, float distance) {
    int square = (int)floorf(point.x) + (int)floorf(point.z);
    // Squares smaller than a pixel would flicker: contrast fades with the distance.
    float contrast = 40.0f / (40.0f + distance * distance * 0.12f);
    return mix(make_float3(0.30f, 0.29f, 0.28f),
               (square & 1) != 0 ? make_float3(0.04f, 0.04f, 0.06f) : make_float3(0.56f, 0.54f, 0.50f), contrast);
}

static __device__ float3 trace(Scene scene, float3 origin, float3 direction) {
    float3 light = make_float3(0.0f, 0.0f, 0.0f);
    float3 weight = make_float3(1.0f, 1.0f, 1.0f);
#pragma unroll 1
    for (int bounce = 0; bounce < Bounces; bounce++) {
        Hit hit = closest(scene, origin, direction);
        if (hit.distance < 0.0f) break;

        float3 point = origin + direction * hit.distance;
        float3 normal = make_float3(0.0f, 1.0f, 0.0f), colour;
        float reflectivity, grazing;
        if (hit.sphere < 0) {
            float haze = hit.distance * hit.distance;
            haze = haze / (haze + 2500.0f);
            light = light + weight * horizon() * haze;
            weight = weight * (1.0f - haze);
            colour = checker(point, hit.distance);
            reflectivity = 0.05f, grazing = 0.3f;
        } else {
            Sphere sphere = scene.spheres[hit.sphere];
            normal = (point - xyz(sphere.ball)) * (1.0f / sphere.ball.w);
            colour = xyz(sphere.finish);
            reflectivity = sphere.finish.w, grazing = 1.0f - sphere.finish.w;
        }

        float facing = clamp01(-dot(direction, normal));
        float edge = 1.0f - facing, edge2 = edge * edge;
        float mirrored = reflectivity + grazing * (edge2 * edge2 * edge); // Schlick
        origin = point + normal * Lift;

        light = light + weight * colour * illumination(scene, origin, normal, bounce > 0) * (1.0f - mirrored);

        // A polished metal colours what it mirrors, varnish does not.
        float3 tint = mix(make_float3(1.0f, 1.0f, 1.0f), colour, reflectivity);
        weight = weight * tint * mirrored;
        direction = direction + normal * (2.0f * facing);
        if (fmaxf(weight.x, fmaxf(weight.y, weight.z)) < 0.01f) return light;
    }
    return light + weight * sky(direction);
}

// Filmic tone curve (Narkowicz's fit of ACES), then gamma 2, which unlike 2.2 is exact.
static __device__ float display(float x) {
    return sqrtf(clamp01(x * (2.51f * x + 0.03f) / (x * (2.43f * x + 0.59f) + 0.14f)));
}

static __device__ float3 sample(Scene scene, float x, float y, unsigned width, unsigned height) {
    float scale = 0.66f / height;
    float3 direction = normalize(make_float3((x - 0.5f * width) * scale, (0.5f * height - y) * scale - 0.12f, 1.0f));
    float3 light = trace(scene, make_float3(0.0f, 1.7f, -8.0f), direction);
    return make_float3(display(light.x), display(light.y), display(light.z));
}

static __device__ unsigned level(float x) { return (unsigned)(x * 255.0f + 0.5f); }

// RGBA8 pixels, row-major from the top left; any block shape, a grid that covers width x height.
extern "C" __global__ void render(unsigned *pixels, const Sphere *spheres, unsigned count, unsigned width, unsigned height) {
    unsigned column = blockIdx.x * blockDim.x + threadIdx.x;
    unsigned row = blockIdx.y * blockDim.y + threadIdx.y;
    if (column >= width || row >= height) return;

    // A rotated 2 x 2 grid, in eighths of a pixel. Its first two samples do where they agree; an edge gets all four.
    float3 sum = make_float3(0.0f, 0.0f, 0.0f), first = sum;
    unsigned samples = 0, wanted = 2;
#pragma unroll 1
    while (samples < wanted) {
        float across = 0.125f * (0x7153u >> 4 * samples & 15), down = 0.125f * (0x3571u >> 4 * samples & 15);
        float3 colour = sample({spheres, count}, column + across, row + down, width, height);
        sum = sum + colour;
        samples++;
        if (samples == 1) first = colour;
        if (samples == 2) {
            float3 apart = first - colour;
            if (fmaxf(fabsf(apart.x), fmaxf(fabsf(apart.y), fabsf(apart.z))) > 0.06f) wanted = 4;
        }
    }
    sum = sum * (1.0f / samples);
    pixels[row * width + column] = level(sum.x) | level(sum.y) << 8 | level(sum.z) << 16 | 255u << 24;
}
