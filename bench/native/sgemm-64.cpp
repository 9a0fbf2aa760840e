#include "sgemm.h"

extern "C" void run(const Arguments *arguments) { sgemm(*arguments); }
