cpdef int put2(bytearray out, unsigned int a, unsigned int b) except -1
cpdef int put6(
    bytearray out, unsigned int a, unsigned int b, unsigned int c, unsigned int d, unsigned int e, unsigned int f
) except -1
