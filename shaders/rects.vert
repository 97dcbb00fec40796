// The corners of rectangles that a buffer texture describes, six texels each; no vertex attributes.
//
//   0  x, y, width, height: the rectangle, target pixels; row 0 is the first row in memory
//   1  a, b, c of the matrix (16.16), alpha (0 to 255)
//   2  d, e, f of the matrix (16.16), 1 if the texels' alpha counts
//   3  x1, y1, x2, y2: the texels that may be read
//   4  x, y: where the matrix begins, target pixels; corner radius; colour (premultiplied ARGB8888)
//   5  x, y, width, height: the frame whose corners are rounded, target pixels

uniform isamplerBuffer rects;
uniform vec2 target_size;

flat out ivec4 row_x;
flat out ivec4 row_y;
flat out ivec4 bounds;
flat out ivec4 misc;
flat out ivec4 frame;

void main() {
    int corner = gl_VertexID % 6;
    int at = gl_VertexID / 6 * 6;
    ivec4 rect = texelFetch(rects, at);
    row_x = texelFetch(rects, at + 1);
    row_y = texelFetch(rects, at + 2);
    bounds = texelFetch(rects, at + 3);
    misc = texelFetch(rects, at + 4);
    frame = texelFetch(rects, at + 5);
    // Two triangles of the corners in reading order: 0 1 2 and 1 2 3.
    int number = corner < 3 ? corner : corner - 2;
    vec2 unit = vec2(number & 1, number >> 1);
    vec2 place = vec2(rect.xy) + unit * vec2(rect.zw);
    gl_Position = vec4(place / target_size * 2.0 - 1.0, 0.0, 1.0);
}
