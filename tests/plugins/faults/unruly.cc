/* The same plugin in C++, whose hook can throw an exception. */
#include "unruly.c"
