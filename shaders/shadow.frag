// The soft shadow that a frame casts, where the frame itself is not.
//
// `bounds` is the box that casts it: the frame, hung lower. Across each of its edges the darkness falls off over
// `reach` pixels to both sides, as compositor/render/decoration.py has it: what a blur makes of a box.

#include "rounded.glsl"

flat in ivec4 row_x;
flat in ivec4 bounds;
flat in ivec4 misc;
flat in ivec4 frame;

out vec4 colour;

vec2 falloff(vec2 inside) {
    vec2 t = clamp((inside / float(row_x.x) + 1.0) * 0.5, 0.0, 1.0);
    return pow(t, vec2(2.2)) * (3.0 - 2.0 * t);
}

void main() {
    vec2 edges = falloff(gl_FragCoord.xy - vec2(bounds.xy)) * falloff(vec2(bounds.zw) - gl_FragCoord.xy);
    float darkness = edges.x * edges.y * float(uint(misc.w) >> 24) / 255.0;
    float beside = 1.0 - rounded(gl_FragCoord.xy, vec4(frame), float(misc.z));
    colour = vec4(0.0, 0.0, 0.0, floor(darkness * beside * 255.0 + 0.5) / 255.0);
}
