/* ouse: a register server for health partnerships. */
#include "observe/crash.h"
#include "tools/command.h"

int main(int argc, char **argv)
{
    crash_install();
    int status = cli_main(argc, argv);
    crash_expect_exit();
    return status;
}
