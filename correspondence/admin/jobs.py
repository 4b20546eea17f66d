"""What is done with letters: the question before it, its progress, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from config.kernel import clock
from config.kernel.back_office import ReadOnlyAdmin, masked
from config.kernel.masking import mask_person_numbers
from correspondence import actions
from correspondence.admin.act_words import WORDS
from correspondence.admin.acting import MAY_ACT, visible
from correspondence.admin.words import what_is_paused
from correspondence.models import BulkJob, Correspondence, Mailing, Pause, SentAgain
from correspondence.policies.acts import NEED_A_REASON
from correspondence.policies.forecast import Group, forecast
from correspondence.querysets import BulkJobQuerySet, of_no_others
from correspondence.statuses import Act, JobState, Refusal
from registry.back_office import OfVisibleOwners
from registry.policies import visible_owners

_MOST_NAMED = 100
_HELD_BY_PAUSES = frozenset({Act.RETRY, Act.SEND_AGAIN, Act.PUBLISH_NOW})


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        strip=True,
        required=False,
    )
    job = forms.UUIDField(widget=forms.HiddenInput, required=False)  # what is sent twice is done once

    def __init__(self, act: Act, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = act in NEED_A_REASON
        self.fields["reason"].help_text = WORDS[act].reason_help


@dataclass(frozen=True, slots=True)
class _Question:
    """What somebody is asked to say yes to."""

    act: Act
    ids: Sequence[UUID]  # of letters
    owners: Collection[int]  # whose they are
    back: str
    what: str = ""  # the letter or the mailing
    job_id: UUID | None = None  # where it is written down already


@admin.register(BulkJob)
class BulkJobAdmin(OfVisibleOwners, ReadOnlyAdmin):
    """Jobs: looked at by whoever may look at all of their letters."""

    list_display = ("made_at", "act", "who", "total", "done", "refused", "state", masked("reason"))
    list_display_links = ("made_at", "act")
    list_filter = ("act", ("made_at", admin.DateFieldListFilter))

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkJob]:
        rows: BulkJobQuerySet = super().get_queryset(request)
        return rows.confirmed().defer("targets")

    def of_owners(self, owners: frozenset[int]) -> Q:
        return of_no_others(owners)

    def has_view_permission(self, request: HttpRequest, obj: BulkJob | None = None) -> bool:
        return bool(request.user.has_perm("correspondence.view_correspondence"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("who"), ordering="by")
    def who(self, job: BulkJob) -> str:
        return mask_person_numbers(job.by)

    @admin.display(description=gettext_lazy("refused"))
    def refused(self, job: BulkJob) -> int:
        return job.refused

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("letter/<uuid:pk>/<slug:act>/", wrap(self.letter_view), name="correspondence_bulkjob_letter"),
            path("mailing/<uuid:pk>/<slug:act>/", wrap(self.mailing_view), name="correspondence_bulkjob_mailing"),
            path("<uuid:pk>/confirm/", wrap(self.confirm_view), name="correspondence_bulkjob_confirm"),
            *super().get_urls(),
        ]

    def letter_view(self, request: HttpRequest, pk: UUID, act: str) -> HttpResponse:
        """Asks before something is done with one letter."""
        back = reverse("admin:correspondence_correspondence_change", args=[pk])
        return self._ask_of(request, act, visible(request.user).filter(pk=pk), back, str(Correspondence(pk=pk)))

    def mailing_view(self, request: HttpRequest, pk: UUID, act: str) -> HttpResponse:
        """Asks before something is done with the letters of a mailing."""
        back = reverse("admin:correspondence_mailing_change", args=[pk])
        return self._ask_of(request, act, visible(request.user).filter(mailing=pk), back, str(Mailing(pk=pk)))

    def _ask_of(
        self, request: HttpRequest, act: str, found: "QuerySet[Correspondence]", back: str, what: str
    ) -> HttpResponse:
        _check_may_act(request)
        letters = list(found.order_by().values_list("pk", "owner_id"))
        if act not in Act.values or not letters:
            raise Http404
        ids, owners = [key for key, _ in letters], {owner for _, owner in letters}
        return self._ask(request, _Question(Act(act), ids, owners, back, what))

    def confirm_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Asks whoever chose letters from the list. Others have nothing to see here."""
        _check_may_act(request)
        job = BulkJob.objects.of_owners(visible_owners(request.user)).filter(pk=pk, by=request.user.get_username())
        found = job.first()
        if found is None:
            raise Http404
        if found.state != JobState.PLANNED:
            return _to(found.pk)
        back = reverse("admin:correspondence_correspondence_changelist")
        return self._ask(request, _Question(Act(found.act), found.targets, found.owners, back, job_id=found.pk))

    def _ask(self, request: HttpRequest, question: _Question) -> HttpResponse:
        form = ReasonForm(question.act, request.POST if request.method == "POST" else None, initial={"job": uuid7()})
        if request.method == "POST" and form.is_valid():
            return self._begin(request, question, form)
        foreseen = forecast(question.ids, question.act, clock.now())
        words = WORDS[question.act]
        held = Pause.objects.in_force().that_concern(question.owners)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": words.title,
            "words": words,
            "question": question,
            "can": words.can % {"count": foreseen.able},
            "cannot": words.cannot % {"count": foreseen.refused},
            "button": words.button % {"count": foreseen.able},
            "foreseen": foreseen,
            "groups": [_shown(group) for group in foreseen.groups],
            "pauses": [what_is_paused(row) for row in held] if question.act in _HELD_BY_PAUSES else [],
            "form": form,
        }
        return TemplateResponse(request, "admin/correspondence/acts/confirm.html", context)

    def _begin(self, request: HttpRequest, question: _Question, form: ReasonForm) -> HttpResponse:
        job_id, who = question.job_id, request.user.get_username()
        if job_id is None:
            job_id = form.cleaned_data["job"] or uuid7()
            terms: dict[str, Any] = {"act": question.act, "ids": question.ids, "owners": question.owners}
            job = actions.plan(job_id=job_id, **terms, by=who, now=clock.now())
            if (job.by, job.act) != (who, question.act):  # somebody made the id up
                raise Http404
        actions.begin(job_id=job_id, reason=form.cleaned_data["reason"], clock=clock.now)
        return _to(job_id)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The job's progress, and what became of it."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": WORDS[Act(job.act)].title,
            "job": job,
            "who": mask_person_numbers(job.by),
            "why": mask_person_numbers(job.reason),
            "is_under_way": job.state == JobState.UNDER_WAY,
            "groups": _groups(job),
            "sent_again": _sent_again(job) if job.act == Act.SEND_AGAIN else [],
        }
        return TemplateResponse(request, "admin/correspondence/acts/job.html", context)


def _check_may_act(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_ACT):
        raise PermissionDenied


def _to(job_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:correspondence_bulkjob_change", args=[job_id]))


def _shown(group: Group) -> dict[str, Any]:
    return {
        "why": group.why.label,
        "count": group.count,
        "examples": group.examples,
        "detail": mask_person_numbers(group.detail),
        "more": group.count - len(group.examples),
    }


def _groups(job: BulkJob) -> list[dict[str, Any]]:
    """Why letters stayed as they were, the most frequent reason first, with some of the letters: in two queries."""
    counts = job.refusals.order_by().values_list("why").annotate(count=Count("pk")).order_by("-count", "why")
    nth = Window(RowNumber(), partition_by=F("why"), order_by="letter")
    named: dict[str, list[tuple[UUID, str]]] = {}
    rows = job.refusals.annotate(nth=nth).filter(nth__lte=_MOST_NAMED).order_by("why", "letter")
    for why, letter, detail in rows.values_list("why", "letter", "detail"):
        named.setdefault(why, []).append((letter, detail))
    found = []
    for why, count in counts:
        letters = named.get(why, [])
        group = Group(Refusal(why), count, [letter for letter, _ in letters], letters[0][1] if letters else "")
        found.append(_shown(group))
    return found


def _sent_again(job: BulkJob) -> list[tuple[UUID, UUID]]:
    """Of the first of the job's letters: the old one and the new one."""
    ids = BulkJob.objects.values_list(f"targets__0_{_MOST_NAMED}", flat=True).get(pk=job.pk)
    return list(SentAgain.objects.filter(old__in=ids).order_by("old").values_list("old_id", "new_id"))
