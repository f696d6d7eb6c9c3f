#version 410 core
in float v_facing;
uniform vec4 u_wire_color;
out vec4 o_color;

void main() {
    o_color = vec4(u_wire_color.rgb, u_wire_color.a * smoothstep(-0.1, 0.25, v_facing));
}
