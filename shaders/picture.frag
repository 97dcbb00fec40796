// Pixels of a client's buffer or of a picture of our own.
//
// Whole texels are read and mixed in integers, so that scaling gives the CPU renderer's pixels: 16.16
// positions, weights of 7 bits, sums that are cut off. SCALED mixes 2 × 2 texels, else the nearest is shown.

#include "rounded.glsl"

uniform sampler2D picture;

flat in ivec4 row_x;
flat in ivec4 row_y;
flat in ivec4 bounds;
flat in ivec4 misc;
flat in ivec4 frame;

out vec4 colour;

vec4 texel(ivec2 place) {
    return texelFetch(picture, clamp(place, bounds.xy, bounds.zw - 1), 0);
}

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy) - misc.xy;
    ivec2 place = ivec2(
        row_x.x * at.x + row_x.y * at.y + row_x.z + ((row_x.x + row_x.y + 1) >> 1),
        row_y.x * at.x + row_y.y * at.y + row_y.z + ((row_y.x + row_y.y + 1) >> 1)
    );
#ifdef SCALED
    place -= 0x8000;
    ivec2 first = bounds.xy + (place >> 16);
    vec2 far = vec2((place >> 9) & 127);
    vec2 near = 128.0 - far;
    vec4 above = texel(first) * near.x + texel(first + ivec2(1, 0)) * far.x;
    vec4 below = texel(first + ivec2(0, 1)) * near.x + texel(first + ivec2(1, 1)) * far.x;
    // The small number keeps what is whole from being cut off because floats fall short of it.
    colour = floor((above * near.y + below * far.y) * (255.0 / 16384.0) + 0.0005) / 255.0;
#else
    colour = texel(bounds.xy + (place >> 16));
#endif
    if (row_y.w == 0) {
        colour.a = 1.0;
    }
    colour *= float(row_x.w) / 255.0;
#ifdef ROUNDED
    colour *= rounded(gl_FragCoord.xy, vec4(frame), float(misc.z));
#endif
}
