// Values that a half float holds: drivers round as they like on the way into a texture, these are nearest ones.
vec4 nearest_half(vec4 value) {
    uvec4 bits = floatBitsToUint(value);
    // Ten bits of the fraction stay of 23; ties go to the even one.
    bits += 0xFFFu + ((bits >> 13u) & 1u);
    return uintBitsToFloat(bits & ~0x1FFFu);
}
