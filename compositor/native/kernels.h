/* Loops over pixels: premultiplied ARGB8888, 32 bits each, rounding and saturating as pixman does. */
#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "avx2", "arch=skylake-avx512")))
#else
#define FOR_EACH_PROCESSOR
#endif

typedef uint16_t half_t __attribute__((vector_size(32)));
typedef uint32_t word_t __attribute__((vector_size(32)));

static inline uint32_t over_pixel(uint32_t d, uint32_t s)
{
	uint32_t inverse = 255 - (s >> 24);
	uint32_t rb = (d & 0xff00ff) * inverse + 0x800080;
	uint32_t ag = ((d >> 8) & 0xff00ff) * inverse + 0x800080;
	rb = ((rb + ((rb >> 8) & 0xff00ff)) >> 8) & 0xff00ff;
	ag = ((ag + ((ag >> 8) & 0xff00ff)) >> 8) & 0xff00ff;
	rb += s & 0xff00ff;
	ag += (s >> 8) & 0xff00ff;
	rb = (rb | (((rb >> 8) & 0x010001) * 255)) & 0xff00ff;
	ag = (ag | (((ag >> 8) & 0x010001) * 255)) & 0xff00ff;
	return rb | ag << 8;
}

/* Draws rows of `src` over rows of `dst`; strides in bytes. */
FOR_EACH_PROCESSOR
static void over_rows(char *dst, long dst_stride, const char *src, long src_stride, long width, long height)
{
	for (long y = 0; y < height; y++, dst += dst_stride, src += src_stride) {
		long x = 0;
		for (; x + 8 <= width; x += 8) {
			word_t s, d;
			memcpy(&s, src + 4 * x, 32);
			memcpy(&d, dst + 4 * x, 32);
			word_t inverse = 255 - (s >> 24);
			half_t factor = (half_t)(inverse | inverse << 16);
			half_t rb = (half_t)(d & 0xff00ff) * factor + 128;
			half_t ag = (half_t)(d >> 8 & 0xff00ff) * factor + 128;
			rb = (rb + (rb >> 8)) >> 8;
			ag = (ag + (ag >> 8)) >> 8;
			rb += (half_t)(s & 0xff00ff);
			ag += (half_t)(s >> 8 & 0xff00ff);
			rb = (rb | (half_t)(rb > 255)) & 255;
			ag = (ag | (half_t)(ag > 255)) & 255;
			d = (word_t)rb | (word_t)ag << 8;
			memcpy(dst + 4 * x, &d, 32);
		}
		for (; x < width; x++) {
			uint32_t s, d;
			memcpy(&s, src + 4 * x, 4);
			memcpy(&d, dst + 4 * x, 4);
			d = over_pixel(d, s);
			memcpy(dst + 4 * x, &d, 4);
		}
	}
}

/* Copies rows as opaque: the highest byte becomes 0xff. */
FOR_EACH_PROCESSOR
static void copy_rows(char *dst, long dst_stride, const char *src, long src_stride, long width, long height)
{
	for (long y = 0; y < height; y++, dst += dst_stride, src += src_stride) {
		uint32_t *to = (uint32_t *)dst;
		const uint32_t *from = (const uint32_t *)src;
		for (long x = 0; x < width; x++)
			to[x] = from[x] | 0xff000000u;
	}
}

/* The same past the caches, for what nobody reads soon: saves fetching what is overwritten. */
static void stream_rows(char *dst, long dst_stride, const char *src, long src_stride, long width, long height)
{
#if defined(__SSE2__)
	const __m128i opaque = _mm_set1_epi32((int)0xff000000);

	for (long y = 0; y < height; y++, dst += dst_stride, src += src_stride) {
		uint32_t *to = (uint32_t *)dst;
		const uint32_t *from = (const uint32_t *)src;
		long x = 0;
		for (; x < width && ((uintptr_t)(to + x) & 15); x++)
			to[x] = from[x] | 0xff000000u;
		for (; x + 4 <= width; x += 4) {
			__m128i pixels = _mm_loadu_si128((const __m128i *)(from + x));
			_mm_stream_si128((__m128i *)(to + x), _mm_or_si128(pixels, opaque));
		}
		for (; x < width; x++)
			to[x] = from[x] | 0xff000000u;
	}
	_mm_sfence();
#else
	copy_rows(dst, dst_stride, src, src_stride, width, height);
#endif
}

FOR_EACH_PROCESSOR
static void fill_rows(char *dst, long dst_stride, uint32_t pixel, long width, long height)
{
	for (long y = 0; y < height; y++, dst += dst_stride) {
		uint32_t *to = (uint32_t *)dst;
		for (long x = 0; x < width; x++)
			to[x] = pixel;
	}
}
