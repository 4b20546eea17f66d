"use strict";
/* The start page keeps its figures fresh. Only what differs is put in: focus, scroll and what is unfolded stay. */
(() => {
    const page = document.getElementById("start");
    const part = (name) => page.querySelector(`[data-start="${name}"]`);
    const [state, said, figures, login, now, toggle] = ["state", "said", "figures", "login", "now", "switch"].map(part);
    const KEPT_OFF = "start-is-still";
    const locale = document.documentElement.lang || undefined;
    let timer = null, asked = null, isFailing = false, isOut = false;

    const momentOf = (root) => new Date(root.querySelector("[data-moment]").dataset.moment);
    const firstAlarm = () => figures.querySelector(".start-alarm");
    const sentence = () => firstAlarm().querySelector("span:last-child").firstChild.textContent;
    let moment = momentOf(figures), received = Date.now();

    /* The time of day by the service's clock and zone; the age by the browser's clock alone, which may be wrong. */
    function when() {
        const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone: page.dataset.zone }).format(moment);
        const seconds = Math.round((received - Date.now()) / 1000);
        if (seconds > -15) return clock;
        const age = new Intl.RelativeTimeFormat(locale);
        return `${clock} (${seconds > -90 ? age.format(seconds, "second") : age.format(Math.round(seconds / 60), "minute")})`;
    }

    function tellState() {
        const words = isOut ? page.dataset.out : isFailing ? page.dataset.failed : page.dataset.fresh;
        state.toggleAttribute("data-failed", isOut || isFailing);
        state.textContent = words.replace("%s", when());
    }

    /* Once for each change, or a screen reader would speak every ten seconds. */
    function say(text) {
        said.textContent = text;
    }

    function change(old, fresh) {
        if (old.isEqualNode(fresh)) return;
        if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
            old.replaceWith(fresh);
            return;
        }
        if (old.nodeType !== Node.ELEMENT_NODE) {
            old.nodeValue = fresh.nodeValue;
            return;
        }
        for (const { name } of [...old.attributes]) {
            if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
        }
        for (const { name, value } of [...fresh.attributes]) {
            if (old.getAttribute(name) !== value) old.setAttribute(name, value);
        }
        const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
        after.forEach((child, place) => (place < before.length ? change(before[place], child) : old.append(child)));
        before.slice(after.length).forEach((child) => child.remove());
    }

    function loggedOut() {
        isOut = true;
        stop();
        login.hidden = false;
        toggle.hidden = true;
        tellState();
        say(state.textContent);
    }

    async function refresh() {
        if (asked || isOut) return;
        asked = new AbortController();
        const patience = setTimeout(() => asked.abort(), 8000);
        try {
            const answer = await fetch(page.dataset.address, {
                headers: { "X-By-Itself": "1" }, redirect: "manual", cache: "no-store", signal: asked.signal,
            });
            if (answer.type === "opaqueredirect" || answer.status === 403) return loggedOut();
            if (!answer.ok) throw new Error(String(answer.status));
            const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("start-figures");
            if (!fresh) return loggedOut();
            const before = firstAlarm().dataset.key;
            change(document.getElementById("start-figures"), document.adoptNode(fresh));
            [moment, received] = [momentOf(figures), Date.now()];
            if (isFailing) say(page.dataset.back);
            else if (firstAlarm().dataset.key !== before) say(sentence());
            isFailing = false;
        } catch {
            const failed = page.dataset.failed.replace("%s", when());
            if (!isFailing) say(failed);
            isFailing = true;
        } finally {
            clearTimeout(patience);
            asked = null;
            tellState();
        }
    }

    const isWanted = () => toggle.getAttribute("aria-pressed") === "true" && !document.hidden && !isOut;

    function stop() {
        clearInterval(timer);
        timer = null;
    }

    function goOn() {
        stop();
        if (!isWanted()) return;
        timer = setInterval(refresh, 1000 * page.dataset.seconds);
        if (Date.now() - received > 1000 * page.dataset.seconds) refresh();
    }

    function keep(isOff) {
        try {
            if (isOff) localStorage.setItem(KEPT_OFF, "1");
            else localStorage.removeItem(KEPT_OFF);
        } catch { /* a browser that keeps nothing */ }
    }

    function isKeptOff() {
        try {
            return localStorage.getItem(KEPT_OFF) !== null;
        } catch {
            return false;
        }
    }

    toggle.hidden = false;
    toggle.setAttribute("aria-pressed", String(!isKeptOff()));
    toggle.addEventListener("click", () => {
        const isOff = toggle.getAttribute("aria-pressed") === "true";
        toggle.setAttribute("aria-pressed", String(!isOff));
        keep(isOff);
        goOn();
    });
    now.addEventListener("click", (event) => {
        if (isOut) return;
        event.preventDefault();
        refresh();
    });
    document.addEventListener("visibilitychange", goOn);
    setInterval(tellState, 5000);
    tellState();
    goOn();
})();
