// How much of a pixel lies within a frame with rounded corners, 0 to 1.

float distance_to_rounded(vec2 place, vec4 box, float radius) {
    vec2 half_size = box.zw * 0.5;
    vec2 beyond = abs(place - box.xy - half_size) - half_size + radius;
    return length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - radius;
}

float rounded(vec2 place, vec4 box, float radius) {
    return clamp(0.5 - distance_to_rounded(place, box, radius), 0.0, 1.0);
}
