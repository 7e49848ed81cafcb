#pragma once
// SIGINT, SIGTERM and SIGHUP ask for a clean stop; a second one leaves at once.

namespace eddyline {

/// Installs the handlers; the first signal sets a flag, the second ends the process. SIGPIPE and SIGXFSZ are ignored
/// (the write fails instead), SIGHUP stays ignored under nohup.
void install_signal_handlers();
/// Opens /dev/null in the place of a missing standard stream, so that no file of ours becomes standard error and is
/// written into by the log. To be called before any file is opened.
void open_standard_streams();
/// The signal that asked to stop, 0 when none did.
[[nodiscard]] int pending_signal();
/// Call where everything on disk is whole. @throws Interrupted when a signal is pending.
void stop_if_interrupted();

}  // namespace eddyline
