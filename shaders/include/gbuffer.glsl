// Targets of the cached geometry buffer (see gui/render/gbuffer.py) and what follows from them.
uniform sampler2D u_coord;
uniform sampler2D u_normal;
uniform sampler2D u_tangent_x;
uniform sampler2D u_tangent_y;
uniform sampler2D u_depth;
uniform sampler2D u_light;
uniform mat4 u_head_from_clip;
uniform vec2 u_size_px;

const float MOST_THICKNESS_MM = 25.0;   // that the second channel of u_light tells apart

const float PART_SKIN = 1.0;
const float PART_EYE_LEFT = 2.0;
const float PART_EYE_RIGHT = 3.0;
const float PART_TEETH = 4.0;
const float PART_MOUTH = 5.0;

// Position in mm of what a pixel shows.
vec3 head_position(ivec2 pixel) {
    float depth = texelFetch(u_depth, pixel, 0).r;
    vec3 ndc = vec3((vec2(pixel) + 0.5) / u_size_px, depth) * 2.0 - 1.0;
    vec4 position = u_head_from_clip * vec4(ndc, 1.0);
    return position.xyz / position.w;
}
