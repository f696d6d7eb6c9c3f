// Fine relief of skin outside the chart, laid from three sides on the head at rest: core/maps/skin_tile.py.
uniform sampler2D u_skin_tile;    // slope in mm per mm, height in mm, length of the slope
uniform sampler2D u_rest;         // mm, the head at rest, over -1..2 of the chart's plane

const float TILE_MM = 64.0;
const float TILE_PX = 1024.0;
const float CHART_MM = 200.0;
const float STRENGTH_CELLS = 16.0;
const float INSIDE = 0.08;
const float MOST_SLOPE = 0.10;
const float RIM = 0.13, RIM_FADE = 0.03;

struct Around {
    vec3 slope;        // of the height on the skin, mm per mm, head space
    float height;      // mm
    float roughening;  // variance of slopes below the pixel
};

// Share of this relief where the chart's has a weight: mixed they are as rough as each alone.
float outside(float weight) {
    return sqrt(max(1.0 - weight * weight, 0.0));
}

// One side of the tile times its weight.
vec4 tile_side(vec2 place, float level, float weight) {
    return textureLod(u_skin_tile, place, level) * weight;
}

Around relief_around(vec2 chart, vec3 n, float size_mm, float weight) {
    vec3 place = textureLod(u_rest, (chart + 1.0) / 3.0, 0.0).xyz / TILE_MM;
    vec3 side = n * n;
    side *= side;
    side /= length(side);
    // No finer than what is seen, nor than the chart's own relief.
    float level = log2(max(size_mm, CHART_MM / u_detail_size) * TILE_PX / TILE_MM);
    vec4 x = tile_side(place.yz, level, side.x);
    vec4 y = tile_side(place.zx, level, side.y);
    vec4 z = tile_side(place.xy, level, side.z);
    vec3 slope = vec3(y.y + z.x, z.y + x.x, x.y + y.x);
    slope -= n * dot(slope, n);
    float steep = textureLod(u_detail, clamp(chart, INSIDE, 1.0 - INSIDE), log2(u_detail_size / STRENGTH_CELLS)).w;
    float strength = min(steep / CHART_MM, MOST_SLOPE) * outside(weight) * u_detail_gain;
    // Lips and lids end inside the chart, and nothing of this lies there.
    vec2 beyond = max(-chart, chart - 1.0);
    strength *= clamp((max(beyond.x, beyond.y) + RIM) / RIM_FADE, 0.0, 1.0);
    float unseen = max(x.w + y.w + z.w - length(slope), 0.0) * strength;
    return Around(slope * strength, (x.z + y.z + z.z) * strength, unseen * unseen);
}
