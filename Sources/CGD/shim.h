#ifndef HEARTH_CGD_H
#define HEARTH_CGD_H

#include <gd.h>
#include <stdarg.h>

static inline void hearth_ignore_gd_error(int priority, const char *format, va_list arguments) {
    (void)priority;
    (void)format;
    (void)arguments;
}

// libgd would write about every broken image to the standard error.
static inline void hearth_silence_gd(void) { gdSetErrorMethod(hearth_ignore_gd_error); }

#endif
