#version 410 core
// The picture into the window's framebuffer, enlarged when it was drawn at a lower resolution.
uniform sampler2D u_source;
uniform vec2 u_target_px;
uniform vec2 u_source_px;   // the part of the source that holds the picture

out vec4 o_color;

void main() {
    vec2 at = gl_FragCoord.xy / u_target_px * u_source_px;
    at = clamp(at, vec2(0.5), u_source_px - 0.5);
    o_color = vec4(textureLod(u_source, at / vec2(textureSize(u_source, 0)), 0.0).rgb, 1.0);
}
