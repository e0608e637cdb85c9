/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/dotted.h"

#define OSRELEASE      "proc/sys/kernel/osrelease"
#define VERSION        "proc/version"
#define PTRACE_SCOPE   "proc/sys/kernel/yama/ptrace_scope"
#define APPARMOR       "sys/module/apparmor/parameters/enabled"
#define PROFILES       "sys/kernel/security/apparmor/profiles"
#define SYSTEMD        "run/systemd/system"
#define TIMESYNC_MARK  "run/systemd/timesync/synchronized"
#define WSL_KERNEL     "5.10" /* the first with all that containers need */
#define NOT_UNDERSTOOD "the configuration is not understood"
#define YEAR_2100      INT64_C(4102444800)
#define PROFILE_MODE_SIZE                                                      \
	16                     /* bytes, with the NUL; the longest: unconfined \
	                        */
#define ALL_USERS "4294967295" /* a map of all: no namespace of users */

/* A file of the kernel's as a text, without the last LF. */
static int read_kernel(int top, const char *path, struct buf *out,
                       struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(top, path, err);

	if (fd < 0 || fs_read_fd(fd, out, err) < 0)
		return -1;
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
	return 0;
}

/* --- who looks ------------------------------------------------------------ */

static int gather_root(const struct gather_machine *request, struct look *out,
                       struct err *err)
{
	AUTO_BUF struct buf map = BUF_LIMIT(KERNEL_FILE_MAX);
	char path[64];

	/* proc/self is a link, and none is followed. */
	(void)snprintf(path, sizeof path, "proc/%ld/uid_map", (long)getpid());
	if (read_kernel(request->top, path, &map, err) < 0)
		return look_note(out, err);
	if (strstr(buf_text(&map), ALL_USERS) != NULL)
		look_set(out, SIGHT_GOOD, "root");
	else
		look_set(out, SIGHT_GOOD, "root of a namespace of users");
	return 0;
}

static int gather_rights(const struct gather_machine *request, struct look *out,
                         struct err *err)
{
	static const char *const ways[] = { "usr/bin/sudo", "usr/bin/doas",
		                            "usr/bin/run0", "usr/bin/pkexec",
		                            "usr/bin/su" };

	if (geteuid() == 0)
		return gather_root(request, out, err);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (fs_exists(request->top, ways[i], NULL, err) != 1)
			continue;
		look_set(out, SIGHT_GOOD,
		         "an ordinary user; what he may not see is unknown, "
		         "and /%s makes him root",
		         ways[i]);
		return 0;
	}
	look_set(out, SIGHT_WRONG,
	         "an ordinary user, without sudo or its like to become root");
	return 0;
}

/* --- the kernel ----------------------------------------------------------- */

static bool is_older(const char *version, const char *least)
{
	struct dotted have;
	struct dotted want;

	return dotted_read(version, &have) && dotted_read(least, &want) &&
	       dotted_compare(&have, &want) < 0;
}

static int gather_kernel(const struct gather_machine *request, struct look *out,
                         struct err *err)
{
	AUTO_BUF struct buf release = BUF_LIMIT(KERNEL_FILE_MAX);
	const char *least;

	if (request->host == NULL) {
		look_set(out, SIGHT_BLOCKED, NOT_UNDERSTOOD);
		return 0;
	}
	if (read_kernel(request->top, OSRELEASE, &release, err) < 0)
		return look_note(out, err);
	least = request->host->min_kernel;
	if (least[0] != '\0' && is_older(buf_text(&release), least))
		look_set(out, SIGHT_WRONG, "%.64s is older than min_kernel, %s",
		         buf_text(&release), least);
	else
		look_set(out, SIGHT_GOOD, "%.64s", buf_text(&release));
	return 0;
}

/* 1 where the kernel has AppArmor and it is on, 0, or -1. */
static int has_apparmor(int top, struct err *err)
{
	AUTO_BUF struct buf enabled = BUF_LIMIT(KERNEL_FILE_MAX);

	if (read_kernel(top, APPARMOR, &enabled, err) < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	return buf_text(&enabled)[0] == 'Y';
}

static int judge_wsl(const struct gather_machine *request, const char *version,
                     struct look *out, struct err *err)
{
	const char *number = version + strcspn(version, "0123456789");
	int apparmor = has_apparmor(request->top, err);

	if (apparmor < 0)
		return look_note(out, err);
	if (fs_exists(request->top, SYSTEMD, NULL, err) != 1)
		look_set(out, SIGHT_WRONG,
		         "WSL without systemd; set systemd=true under [boot] "
		         "of /etc/wsl.conf");
	else if (apparmor == 0)
		look_set(out, SIGHT_WRONG,
		         "WSL without AppArmor; boot a kernel that has it");
	else if (is_older(number, WSL_KERNEL))
		look_set(out, SIGHT_WRONG,
		         "the kernel of WSL is older than " WSL_KERNEL
		         "; run wsl --update");
	else
		look_set(out, SIGHT_GOOD, "WSL with systemd and AppArmor");
	return 0;
}

static int gather_wsl(const struct gather_machine *request, struct look *out,
                      struct err *err)
{
	AUTO_BUF struct buf version = BUF_LIMIT(KERNEL_FILE_MAX);

	if (read_kernel(request->top, VERSION, &version, err) < 0)
		return look_note(out, err);
	if (strcasestr(buf_text(&version), "microsoft") != NULL)
		return judge_wsl(request, buf_text(&version), out, err);
	look_set(out, SIGHT_NONE, "this is not WSL");
	return 0;
}

/* --- the clock ------------------------------------------------------------ */

struct clock_state clock_state_read(void)
{
	struct timex times = { .modes = 0 };
	int state = adjtimex(&times);

	return (struct clock_state){
		.now = clock_now(),
		.is_known = state >= 0,
		.is_synchronised =
			state != TIME_ERROR && (times.status & STA_UNSYNC) == 0,
	};
}

static void gather_time(const struct gather_machine *request, struct look *out)
{
	struct clock_state clock = request->clock;
	bool is_required =
		request->host != NULL && request->host->requires_time_sync;
	char now[CLOCK_TEXT_SIZE];
	struct err ignored;

	clock_format(clock.now, now);
	/* A sandbox may forbid the question; systemd-timesyncd leaves a mark.
	 */
	if (!clock.is_known &&
	    fs_exists(request->top, TIMESYNC_MARK, NULL, &ignored) == 1)
		clock.is_known = clock.is_synchronised = true;
	if (clock.now < request->newest - CLOCK_DAY)
		look_set(out, SIGHT_WRONG,
		         "%s is before the newest release was installed", now);
	else if (clock.now >= YEAR_2100)
		look_set(out, SIGHT_WRONG, "%s cannot be right", now);
	else if (clock.is_known && clock.is_synchronised)
		look_set(out, SIGHT_GOOD, "sane and synchronised");
	else if (!clock.is_known && is_required)
		look_set(out, SIGHT_HIDDEN,
		         "the kernel does not tell whether the clock is "
		         "synchronised");
	else
		look_set(out, is_required ? SIGHT_WRONG : SIGHT_GOOD,
		         "sane, yet nothing synchronises the clock");
}

/* --- guards --------------------------------------------------------------- */

static int gather_yama(const struct gather_machine *request, struct look *out,
                       struct err *err)
{
	AUTO_BUF struct buf scope = BUF_LIMIT(KERNEL_FILE_MAX);

	if (!request->has_containers) {
		look_set(out, SIGHT_NONE, "no containers are asked for");
		return 0;
	}
	if (read_kernel(request->top, PTRACE_SCOPE, &scope, err) < 0 &&
	    !(err->code == ERR_SYSTEM && err->sys == ENOENT))
		return look_note(out, err);
	if (scope.len == 0)
		look_set(out, SIGHT_WRONG, "the kernel has no Yama");
	else if (buf_text(&scope)[0] == '0')
		look_set(out, SIGHT_WRONG,
		         "kernel.yama.ptrace_scope is 0: each process may "
		         "trace its user's others");
	else
		look_set(out, SIGHT_GOOD, "ptrace_scope is %.8s",
		         buf_text(&scope));
	return 0;
}

/* Copy the mode that the line " (MODE)" ends with: one word, as a name may hold
 * brackets of its own. */
static bool copy_mode(const char *line, char mode[PROFILE_MODE_SIZE])
{
	size_t len;

	if (strncmp(line, " (", 2) != 0)
		return false;
	line += 2;
	len = strspn(line, "abcdefghijklmnopqrstuvwxyz");
	if (len == 0 || len >= PROFILE_MODE_SIZE || line[len] != ')' ||
	    (line[len + 1] != '\n' && line[len + 1] != '\0'))
		return false;
	(void)memcpy(mode, line, len);
	mode[len] = '\0';
	return true;
}

/* The mode of a profile, by the line "NAME (MODE)"; false: it is not loaded. */
static bool find_mode(const char *list, const char *name,
                      char mode[PROFILE_MODE_SIZE])
{
	size_t len = strlen(name);

	for (const char *line = list; line != NULL; line = strchr(line, '\n')) {
		line += line[0] == '\n' ? 1 : 0;
		if (strncmp(line, name, len) == 0 &&
		    copy_mode(line + len, mode))
			return true;
	}
	return false;
}

/* Of the modes of apparmor.d(5) these two forbid. */
static bool forbids(const char *mode)
{
	return strcmp(mode, "enforce") == 0 || strcmp(mode, "kill") == 0;
}

/* One that is not loaded weighs more than one that is lax. */
static void judge_profiles(const char *list, const struct settings_words *names,
                           struct machine_facts *out)
{
	look_set(&out->profiles, SIGHT_GOOD, "loaded: %zu", names->count);
	for (size_t i = 0; i < names->count; i++) {
		const char *name = settings_word(names, i);
		char mode[PROFILE_MODE_SIZE];

		if (!find_mode(list, name, mode)) {
			look_set(&out->profiles, SIGHT_WRONG,
			         "AppArmor has not loaded '%s'", name);
			out->are_profiles_lax = false;
			return;
		}
		if (forbids(mode) || out->are_profiles_lax)
			continue;
		look_set(&out->profiles, SIGHT_WRONG,
		         "the mode of '%s' is %s: what it forbids is let pass",
		         name, mode);
		out->are_profiles_lax = true;
	}
}

static int gather_profiles(const struct gather_machine *request,
                           struct machine_facts *out, struct err *err)
{
	const struct settings_words *names;
	AUTO_BUF struct buf list = BUF_LIMIT(KERNEL_FILE_MAX);

	out->are_profiles_lax = false;
	if (request->host == NULL) {
		look_set(&out->profiles, SIGHT_BLOCKED, NOT_UNDERSTOOD);
		return 0;
	}
	names = &request->host->security_profiles;
	if (names->count == 0) {
		look_set(&out->profiles, SIGHT_NONE,
		         "the configuration names none");
		return 0;
	}
	if (read_kernel(request->top, PROFILES, &list, err) < 0)
		return look_note(&out->profiles, err);
	judge_profiles(buf_text(&list), names, out);
	return 0;
}

int gather_machine(const struct gather_machine *request,
                   struct machine_facts *out, struct err *err)
{
	gather_time(request, &out->time);
	if (gather_rights(request, &out->rights, err) < 0 ||
	    gather_kernel(request, &out->kernel, err) < 0 ||
	    gather_wsl(request, &out->wsl, err) < 0 ||
	    gather_yama(request, &out->yama, err) < 0 ||
	    gather_profiles(request, out, err) < 0)
		return -1;
	return 0;
}
