// A finished frame on its way to the screen, whose first row is the last of the window's buffer.
//
// COLOURS changes the colours of the whole output: `vision` shows them as other eyes see them and works on
// light, `gains` makes the light warmer and works on the encoded values, as a display's own controls do.

uniform sampler2D picture;
uniform ivec2 size;
uniform bool upside_down;
#ifdef COLOURS
uniform mat3 vision;
uniform vec3 gains;
#endif

out vec4 colour;

#ifdef COLOURS
vec3 to_light(vec3 encoded) {
    return mix(encoded / 12.92, pow((encoded + 0.055) / 1.055, vec3(2.4)), greaterThan(encoded, vec3(0.04045)));
}

vec3 to_encoded(vec3 light) {
    return mix(light * 12.92, 1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, greaterThan(light, vec3(0.0031308)));
}
#endif

void main() {
    ivec2 place = ivec2(gl_FragCoord.xy);
    if (upside_down) {
        place.y = size.y - 1 - place.y;
    }
    // Canvases have blue first.
    vec3 shown = texelFetch(picture, clamp(place, ivec2(0), size - 1), 0).bgr;
#ifdef COLOURS
    shown = to_encoded(clamp(vision * to_light(shown), 0.0, 1.0)) * gains;
#endif
    colour = vec4(shown, 1.0);
}
