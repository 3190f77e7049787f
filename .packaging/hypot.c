/* In place of glibc 2.35's, which Swift's own library refers to: the program then runs with glibc 2.34, too. Scaled, so
   that no square overflows; promptreg itself calls neither. */
#include <math.h>

double hypot(double x, double y)
{
    if (isinf(x) || isinf(y)) return INFINITY;
    if (isnan(x) || isnan(y)) return NAN;
    double large = fmax(fabs(x), fabs(y)), small = fmin(fabs(x), fabs(y));
    if (large == 0) return 0;
    return large * sqrt(1 + (small / large) * (small / large));
}

float hypotf(float x, float y)
{
    return (float)hypot(x, y);
}
