/* The same plugin in C++, whose hook can throw an exception. It has symbols that C++ makes: weak ones of inline
 * functions, of templates and of type information, and a unique one of a static member. */
#include <string>

template <typename T> struct Counted {
    static int n;
    virtual ~Counted() = default;
    virtual std::string name() const { return "counted"; }
};
template <typename T> int Counted<T>::n = 0;

inline int count(const std::string &text)
{
    static int calls;
    return ++calls + static_cast<int>(text.size());
}

/* Keeps all of them. */
__attribute__((used)) static int keep()
{
    Counted<int> counted;
    return count(counted.name()) + Counted<int>::n++;
}

#include "unruly.c"
