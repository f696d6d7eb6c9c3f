#version 410 core
in vec2 v_sum;
out vec2 o_sum;

void main() {
    o_sum = v_sum;
}
