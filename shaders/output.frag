// A finished frame on its way to the screen.
//
// FOR_WINDOW draws it for a window's buffer, whose last row is the first of the picture, and with red first.
// COLOURS changes the colours of the whole output: `vision` shows them as other eyes see them and works on
// light, `gains` makes the light warmer and works on the encoded values, as a display's own controls do.

uniform sampler2D picture;
uniform ivec2 size;
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
#ifdef FOR_WINDOW
    place.y = size.y - 1 - place.y;
#endif
    // Canvases have blue first.
    vec3 shown = texelFetch(picture, clamp(place, ivec2(0), size - 1), 0).bgr;
#ifdef COLOURS
    shown = to_encoded(clamp(vision * to_light(shown), 0.0, 1.0)) * gains;
#endif
#ifdef FOR_WINDOW
    colour = vec4(shown, 1.0);
#else
    colour = vec4(shown.bgr, 1.0);
#endif
}
