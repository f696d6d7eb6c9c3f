#version 410 core
// A photo over the finished picture: whole beside the head, and over it as far as the head lets it through. Alone, it
// leaves nothing of the picture.
const vec3 BESIDE = vec3(0.12, 0.12, 0.125);
uniform sampler2D u_coord;         // of the geometry buffer; w is 0 beside the head
uniform sampler2D u_photo;
uniform vec2 u_target_px;
uniform vec2 u_size_px;            // the part of the geometry buffer that holds the picture
uniform vec4 u_photo_box;          // left, top, width, height in pixels of the target, y down
uniform float u_opacity;           // of the head
uniform float u_alone;             // 1: nothing is seen beside the photo

out vec4 o_color;

void main() {
    vec2 from_top = vec2(gl_FragCoord.x, u_target_px.y - gl_FragCoord.y);
    vec2 at = (from_top - u_photo_box.xy) / u_photo_box.zw;
    bool inside = all(greaterThanEqual(at, vec2(0.0))) && all(lessThan(at, vec2(1.0)));
    ivec2 pixel = ivec2(gl_FragCoord.xy / u_target_px * u_size_px);
    bool head = texelFetch(u_coord, pixel, 0).w != 0.0;
    vec3 photo = texture(u_photo, at).rgb;
    o_color = inside ? vec4(photo, head ? 1.0 - u_opacity : 1.0) : vec4(BESIDE, u_alone);
}
