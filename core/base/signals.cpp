#include "core/base/signals.hpp"

#include <unistd.h>

#include <csignal>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void on_signal(int number) {
  if (received != 0) _exit(128 + number);
  received = number;
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

int pending_signal() { return received; }

void stop_if_interrupted() {
  if (received != 0) throw Interrupted(received);
}

}  // namespace eddyline
