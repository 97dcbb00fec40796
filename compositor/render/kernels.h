/* Loops over pixels: premultiplied ARGB8888, 32 bits each, rounding and saturating as pixman does. */
#pragma once
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* Draws rows of `src` over rows of `dst`, BYTES of each at a time; strides in bytes. Channels are treated two at a
 * time, in words of 16 bits. Rows lie in other pages, which the processor does not look for ahead by itself: it is
 * told of those that come next but one. */
#define OVER_ROWS(NAME, BYTES, ATTRIBUTES)                                                                     \
	ATTRIBUTES static void NAME(char *dst, long dst_stride, const char *src, long src_stride, long width,  \
				    long height)                                                           \
	{                                                                                                      \
		typedef uint16_t half_t __attribute__((vector_size(BYTES)));                                   \
		typedef uint32_t word_t __attribute__((vector_size(BYTES)));                                   \
		for (long y = 0; y < height; y++, dst += dst_stride, src += src_stride) {                      \
			long x = 0;                                                                            \
			for (; x + BYTES / 4 <= width; x += BYTES / 4) {                                       \
				word_t s, d;                                                                   \
				__builtin_prefetch(src + 2 * src_stride + 4 * x);                                  \
				__builtin_prefetch(dst + 2 * dst_stride + 4 * x, 1);                           \
				memcpy(&s, src + 4 * x, BYTES);                                                \
				memcpy(&d, dst + 4 * x, BYTES);                                                \
				word_t inverse = 255 - (s >> 24);                                              \
				half_t factor = (half_t)(inverse | inverse << 16);                             \
				half_t rb = (half_t)(d & 0xff00ff) * factor + 128;                             \
				half_t ag = (half_t)(d >> 8 & 0xff00ff) * factor + 128;                        \
				rb = (rb + (rb >> 8)) >> 8;                                                    \
				ag = (ag + (ag >> 8)) >> 8;                                                    \
				rb += (half_t)(s & 0xff00ff);                                                  \
				ag += (half_t)(s >> 8 & 0xff00ff);                                             \
				rb = (rb | (half_t)(rb > 255)) & 255;                                          \
				ag = (ag | (half_t)(ag > 255)) & 255;                                          \
				d = (word_t)rb | (word_t)ag << 8;                                              \
				memcpy(dst + 4 * x, &d, BYTES);                                                \
			}                                                                                      \
			for (; x < width; x++) {                                                               \
				uint32_t s, d;                                                                 \
				memcpy(&s, src + 4 * x, 4);                                                    \
				memcpy(&d, dst + 4 * x, 4);                                                    \
				d = over_pixel(d, s);                                                          \
				memcpy(dst + 4 * x, &d, 4);                                                    \
			}                                                                                      \
		}                                                                                              \
	}

OVER_ROWS(over_rows_16, 16, )
#if defined(__x86_64__) && defined(__GNUC__)
OVER_ROWS(over_rows_32, 32, __attribute__((target("avx2"))))
OVER_ROWS(over_rows_64, 64, __attribute__((target("avx512bw"))))
#endif

static void (*over_rows)(char *, long, const char *, long, long, long) = over_rows_16;

/* Uses vectors of no more than so many bytes; returns how many the processor has it. */
static int use_vectors(int most)
{
	over_rows = over_rows_16;
#if defined(__x86_64__) && defined(__GNUC__)
	__builtin_cpu_init();
	if (most >= 64 && __builtin_cpu_supports("avx512bw")) {
		over_rows = over_rows_64;
		return 64;
	}
	if (most >= 32 && __builtin_cpu_supports("avx2")) {
		over_rows = over_rows_32;
		return 32;
	}
#endif
	return 16;
}

/* Copies rows as opaque: the highest byte becomes 0xff. Tells of the rows that come, as OVER_ROWS does. */
static void copy_rows(char *dst, long dst_stride, const char *src, long src_stride, long width, long height)
{
	for (long y = 0; y < height; y++, dst += dst_stride, src += src_stride) {
		uint32_t *to = (uint32_t *)dst;
		const uint32_t *from = (const uint32_t *)src;
		long x = 0;
		for (; x + 16 <= width; x += 16) {
			__builtin_prefetch(src + 2 * src_stride + 4 * x);
			__builtin_prefetch(dst + 2 * dst_stride + 4 * x, 1);
			for (int i = 0; i < 16; i++)
				to[x + i] = from[x + i] | 0xff000000u;
		}
		for (; x < width; x++)
			to[x] = from[x] | 0xff000000u;
	}
}

/* Rows that are streamed side by side. They lie in other pages, and what a copy of much waits for is where the
 * pages are: so it is looked up for several at once: `python -m benchmarks.rows`. */
#define SIDE_BY_SIDE 8

#if defined(__SSE2__)
static inline __attribute__((always_inline)) void stream_together(char *dst, long dst_stride, const char *src,
								   long src_stride, long width, int rows)
{
	const __m128i opaque = _mm_set1_epi32((int)0xff000000);
	/* Pixels until a cache line begins, of the first row. */
	long head = (-((uintptr_t)dst / 4)) & 15;
	long x = head < width ? head : width;

	copy_rows(dst, dst_stride, src, src_stride, x, rows);
	for (; x + 16 <= width; x += 16) {
		for (int row = 0; row < rows; row++) {
			const __m128i *from = (const __m128i *)(src + row * src_stride + 4 * x);
			__m128i *to = (__m128i *)(dst + row * dst_stride + 4 * x);
			__m128i first = _mm_loadu_si128(from), second = _mm_loadu_si128(from + 1);
			__m128i third = _mm_loadu_si128(from + 2), fourth = _mm_loadu_si128(from + 3);
			_mm_stream_si128(to, _mm_or_si128(first, opaque));
			_mm_stream_si128(to + 1, _mm_or_si128(second, opaque));
			_mm_stream_si128(to + 2, _mm_or_si128(third, opaque));
			_mm_stream_si128(to + 3, _mm_or_si128(fourth, opaque));
		}
	}
	copy_rows(dst + 4 * x, dst_stride, src + 4 * x, src_stride, width - x, rows);
}
#endif

/* The same past the caches, for what nobody reads soon: saves fetching what is overwritten. */
static void stream_rows(char *dst, long dst_stride, const char *src, long src_stride, long width, long height)
{
#if defined(__SSE2__)
	/* What is streamed is aligned, so rows side by side have to be aligned alike. */
	if (dst_stride % 16 == 0) {
		for (; height >= SIDE_BY_SIDE; height -= SIDE_BY_SIDE) {
			stream_together(dst, dst_stride, src, src_stride, width, SIDE_BY_SIDE);
			dst += SIDE_BY_SIDE * dst_stride, src += SIDE_BY_SIDE * src_stride;
		}
	}
	for (; height > 0; height--, dst += dst_stride, src += src_stride)
		stream_together(dst, dst_stride, src, src_stride, width, 1);
	_mm_sfence();
#else
	copy_rows(dst, dst_stride, src, src_stride, width, height);
#endif
}

static void fill_rows(char *dst, long dst_stride, uint32_t pixel, long width, long height)
{
	for (long y = 0; y < height; y++, dst += dst_stride) {
		uint32_t *to = (uint32_t *)dst;
		for (long x = 0; x < width; x++)
			to[x] = pixel;
	}
}
