// Detail normals from the gradient of the displacement map.
uniform sampler2D u_detail;       // (d/dx, d/dy) mm per chart unit, displacement mm, |gradient|
uniform float u_detail_size;      // texels per side
uniform float u_detail_gain;      // 1: as the geometry is
uniform float u_mm_per_px;        // size of a pixel at 1 mm distance

// Unit normal of the surface P + d n for the map's gradient, with P_x and P_y in mm per chart unit:
// cross(P_x + d_x n, P_y + d_y n), turned to the side of n.
vec3 displaced_normal(vec3 n, vec3 p_x, vec3 p_y, vec2 gradient) {
    float area = dot(cross(p_x, p_y), n);
    if (abs(area) < 1e-2) return n;
    return normalize(n + (gradient.x * cross(n, p_y) + gradient.y * cross(p_x, n)) / area);
}

// Mip level of the detail at which a texel is as large as `size_mm` on the skin; below 0: finer than its texels.
float level_of(float size_mm, vec3 p_x, vec3 p_y) {
    float texel_mm = 0.5 * (length(p_x) + length(p_y)) / u_detail_size;
    return log2(size_mm / max(texel_mm, 1e-4));
}
