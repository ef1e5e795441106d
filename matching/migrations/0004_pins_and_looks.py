import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0003_cohort_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LoadLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('load_id', models.IntegerField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('looked_at', models.DateTimeField()),
                ('looked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('looked_at',),
                'indexes': [models.Index(fields=['load_id'], name='look_by_load')],
            },
        ),
        migrations.CreateModel(
            name='PinnedLoad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_number', models.CharField(max_length=14)),
                ('step', models.CharField(choices=[('match', 'The match'), ('tables', 'The tables')], max_length=6)),
                ('package_version', models.PositiveSmallIntegerField(null=True)),
                ('load_id', models.IntegerField()),
                ('state', models.CharField(max_length=2)),
                ('quarter', models.IntegerField()),
                ('kind', models.CharField(max_length=14)),
                ('version', models.SmallIntegerField()),
                ('pinned_at', models.DateTimeField()),
            ],
            options={
                'db_table': '"summaries"."pinned_load"',
                'ordering': ('pinned_at', 'state', 'quarter', 'kind'),
                'indexes': [models.Index(fields=['load_id'], name='pinned_load_by_load')],
                'constraints': [models.UniqueConstraint(fields=('request_number', 'step', 'pinned_at', 'load_id'), name='load_pinned_once_a_run')],
            },
        ),
    ]
