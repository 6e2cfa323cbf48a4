from django.urls import path

from entraide.demo import components, views

urlpatterns = [
    path("inbox/", views.inbox, name="demo_inbox"),
    path("inbox/<int:number>/", views.mail, name="demo_mail"),
    path("components/", components.components, name="demo_components"),
]
