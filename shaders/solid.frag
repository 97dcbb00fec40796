// One colour.

#include "rounded.glsl"

flat in ivec4 row_x;
flat in ivec4 row_y;
flat in ivec4 misc;
flat in ivec4 frame;

out vec4 colour;

void main() {
    uint argb = uint(misc.w);
    // Blue first, as in all canvases.
    colour = vec4(uvec4(argb, argb >> 8, argb >> 16, argb >> 24) & 255u) / 255.0;
    if (row_y.w == 0) {
        colour.a = 1.0;
    }
    colour *= float(row_x.w) / 255.0;
#ifdef ROUNDED
    colour *= rounded(gl_FragCoord.xy, vec4(frame), float(misc.z));
#endif
}
